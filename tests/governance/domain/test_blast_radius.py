"""REG-10: what can change a field, and what a change sets off, without going round in circles."""

from governance.domain.blast_radius import PathRule, what_changes, what_follows

STAGE = PathRule(name="Forecast from stage", kind="workflow", triggers=("deals.stage",), changes=("deals.forecast",))
ROLLUP = PathRule(name="Roll up", kind="workflow", triggers=("deals.forecast",), changes=("companies.pipeline",))
BACK = PathRule(
    name="Stage from pipeline", kind="stage_automation", triggers=("companies.pipeline",), changes=("deals.stage",)
)
INTAKE = PathRule(name="Web form", kind="workflow", changes=("leads",))
PATHS = (BACK, INTAKE, ROLLUP, STAGE)


def test_what_can_change_a_place():
    assert what_changes(PATHS, "deals.stage") == (BACK,)
    assert what_changes(PATHS, "leads") == (INTAKE,)
    assert what_changes(PATHS, "deals.amount") == ()


def test_what_a_change_sets_off_in_turn_each_path_once():
    found = [(effect.path.name, effect.because, effect.depth) for effect in what_follows(PATHS, {"deals.stage"})]
    assert found == [
        ("Forecast from stage", "deals.stage", 1),
        ("Roll up", "deals.forecast", 2),
        ("Stage from pipeline", "companies.pipeline", 3),
    ]
    assert what_follows(PATHS, {"deals.amount"}) == ()
    assert what_follows(PATHS, set()) == ()
