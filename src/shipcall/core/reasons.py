"""Reasons why there is no estimate: a closed list, each with a sentence and a next step."""

from enum import Enum


class Reason(Enum):
    """Why something is absent. `code` is stable; the sentence and the next step are for people."""

    NO_EVIDENCE = (
        "no_evidence",
        "The evidence is not there.",
        "Bring the file or table named in [evidence], or remove the promise by an amendment.",
    )
    NO_ROWS = (
        "no_rows",
        "No row belongs to this slice.",
        "Bring rows of this slice; a promised slice without rows is no data, never a pass.",
    )
    TOO_FEW_UNITS = (
        "too_few_units",
        "Fewer units than the contract asks for.",
        "Collect more units of this slice, or protect fewer slices.",
    )
    TOO_FEW_CLUSTERS = (
        "too_few_clusters",
        "Too few independent clusters to estimate a variance.",
        "Bring rows from more clusters; more rows of the same clusters do not help.",
    )
    TOO_FEW_EVENTS = (
        "too_few_events",
        "Too few events for an interval that holds its level.",
        "Collect more units in which the event occurs.",
    )
    CONSTANT = (
        "constant",
        "Every value is the same, so nothing can be learned about its spread.",
        "Check whether the values were really measured; declare a range if the metric has one.",
    )
    ONE_CLASS = (
        "one_class",
        "Only one class of label is present.",
        "Bring rows of both classes.",
    )
    UNDEFINED = (
        "undefined",
        "The metric is not defined on these rows.",
        "Look at the rows: a denominator is zero, for instance no row was predicted positive.",
    )
    BASELINE_NEAR_ZERO = (
        "baseline_near_zero",
        "The baseline is too close to zero for a relative bar.",
        "State the bar in the unit of the metric.",
    )
    ROWS_MISSING = (
        "rows_missing",
        "Rows are missing and nothing bounds what they would have said.",
        "Declare the range of the metric, or bring the rows.",
    )
    SILENT = (
        "silent",
        "Its data stopped coming.",
        "Mend the pipeline; what nobody logs while people are exposed cannot be called safe.",
    )
    TOO_EARLY = (
        "too_early",
        "The stage has not lasted as long, or seen as much, as the contract asks for.",
        "Wait; nothing but time or traffic helps.",
    )
    NOT_REVIEWED = (
        "not_reviewed",
        "People have not read as many pairs as the contract asks for.",
        "Run `shipcall shadow FILE --review` until the sample is read.",
    )
    MATURING = (
        "maturing",
        "The window of some units has not closed yet.",
        "Wait until the window of the youngest unit has closed, or ask for a younger age.",
    )
    WRONG_COLUMNS = (
        "wrong_columns",
        "The evidence lacks a column that this metric needs.",
        "Bring the column, or map it with `columns` in [evidence].",
    )
    NOT_MEASURABLE = (
        "not_measurable",
        "This version of shipcall cannot measure this kind of metric at this stage.",
        "Choose a kind from the metric reference, or move the check to a stage that can.",
    )
    NOT_EXAMINED = (
        "not_examined",
        "The check was promised and nobody examined it.",
        "Run the stage again with the whole contract.",
    )
    UNSOUND = (
        "unsound",
        "The evidence lies outside the class for which the method holds its level.",
        "Read the detail; often more units or a bounded metric helps.",
    )
    ONE_ORDER = (
        "one_order",
        "One and the same model always stood first, so its place cannot be told from its worth.",
        "Show the two answers in both orders, or in one that is drawn for each item.",
    )
    JUDGE_UNPROVEN = (
        "judge_unproven",
        "That the judge says what people say was not shown as the contract asks.",
        "Let people compare more items, mend the judge, or take kind `corrected_win_rate`.",
    )

    LITTLE_OVERLAP = (
        "little_overlap",
        "The log says too little about what this model would have done.",
        "Log with more exploration and with the true chances, or compare the models online.",
    )
    NOT_CONNECTED = (
        "not_connected",
        "Wins and losses do not connect all models, so their strengths have no finite distance.",
        "Compare those that are cut off until each side has won once, or leave them out.",
    )

    def __init__(self, code: str, sentence: str, next_step: str) -> None:
        self.code = code
        self.sentence = sentence
        self.next_step = next_step
