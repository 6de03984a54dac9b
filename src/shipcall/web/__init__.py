"""Web: the pages. parse -> app -> view -> template; every page has a .json twin.

guard      who may ask, and what a page may do
page       a page: its address, its view, its template
routes     PAGES and ACTIONS, the two tables
render     view -> HTML
jobs       work that takes longer than a second
server     all of it as one application
"""
