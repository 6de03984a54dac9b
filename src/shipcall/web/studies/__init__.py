"""Studies in the browser: a form for each, whose address is the study."""

from shipcall.app.study_list import KNOWN, studies_view
from shipcall.web.page import Action, Page
from shipcall.web.studies.answers import look, study_page, study_twin
from shipcall.web.studies.drawing import study_charts, study_pieces

PAGES: tuple[Page, ...] = (
    Page(
        path="/studies",
        title="Studies",
        template="study_index.html.j2",
        view=lambda root, _: studies_view(root),
        nav="studies",
    ),
    *(
        Page(
            path=f"/studies/{name}",
            title="{title}: study",
            template="study_page.html.j2",
            view=study_page(name),
            twin=study_twin(name),
            more=study_pieces,
            charts=study_charts,
            status=lambda view: view["status"],
            nav="studies",
        )
        for name in KNOWN
    ),
)
"""Pages of studies, in the order in which addresses are tried."""
ACTIONS: tuple[Action, ...] = (Action(path="/studies/{study}/look", act=look, fields=("file",)),)
"""What their forms do that writes."""

__all__ = ["ACTIONS", "PAGES"]
