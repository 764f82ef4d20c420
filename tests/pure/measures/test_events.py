"""Contact instants: F with a tolerance, confusion of types, timing bias."""

from hypothesis import given

from review.measures.events import compare_events, timing_bias
from review.measures.records import Instant, Tolerances
from review.measures.tally import Tally
from tests.pure.measures.strategies import instants

TOLERANCES = Tolerances(default_ns=100, by_type={"release": 50})


def at(type_: str, at_ns: int, track: str = "right") -> Instant:
    return Instant(type_, track, at_ns)


def test_worked_example() -> None:
    """Three marks each; two agree, one is of another type. F = 2*2 / (3+3)."""
    a = [at("first_contact", 100), at("grasp_closed", 300), at("release", 900)]
    b = [at("first_contact", 150), at("slip", 310), at("release", 870)]
    compared = compare_events(a, b, TOLERANCES)
    assert compared.total == Tally(2, 3, 3)
    assert compared.total.f == 4 / 6
    assert compared.by_type == {
        "first_contact": Tally(1, 1, 1),
        "grasp_closed": Tally(0, 1, 0),
        "release": Tally(1, 1, 1),
        "slip": Tally(0, 0, 1),
    }
    assert dict(compared.confusion) == {("grasp_closed", "slip"): 1}
    assert [pair.dt_ns for pair in compared.matched] == [50, -30]
    assert compared.only_a == compared.only_b == ()


def test_each_type_has_its_own_tolerance() -> None:
    assert compare_events([at("slip", 0)], [at("slip", 100)], TOLERANCES).total.matched == 1
    assert compare_events([at("release", 0)], [at("release", 51)], TOLERANCES).total.matched == 0


def test_effectors_never_match_each_other() -> None:
    compared = compare_events([at("slip", 10, "left")], [at("slip", 10, "right")], TOLERANCES)
    assert compared.total == Tally(0, 1, 1)
    assert not compared.confused


def test_a_wrong_type_never_takes_the_place_of_a_right_one() -> None:
    a = [at("slip", 0)]
    b = [at("impact", 0), at("slip", 90)]
    compared = compare_events(a, b, TOLERANCES)
    assert [pair.b.type for pair in compared.matched] == ["slip"]
    assert [item.type for item in compared.only_b] == ["impact"]


def test_one_instant_marked_twice_matches_once() -> None:
    twice = [at("slip", 10), at("slip", 10)]
    compared = compare_events(twice, [at("slip", 10)], TOLERANCES)
    assert compared.total == Tally(1, 2, 1)
    assert len(compared.only_a) == 1


def test_two_empty_sides_have_no_f_and_are_exact() -> None:
    total = compare_events([], [], TOLERANCES).total
    assert total.f is None
    assert total.exact


def test_timing_bias() -> None:
    bias = timing_bias([-10, 0, 20, 30, 100])
    assert bias is not None
    assert (bias.n, bias.median_ns, bias.mad_ns, bias.p95_abs_ns) == (5, 20.0, 20.0, 100)
    assert timing_bias([]) is None


@given(instants, instants)
def test_symmetric(a: tuple[Instant, ...], b: tuple[Instant, ...]) -> None:
    there, back = compare_events(a, b, TOLERANCES), compare_events(b, a, TOLERANCES)
    assert there.total == back.total.swapped()
    assert there.confusion.total() == back.confusion.total()
    assert sum(abs(p.dt_ns) for p in there.matched) == sum(abs(p.dt_ns) for p in back.matched)


@given(instants, instants)
def test_every_instant_is_counted_once(a: tuple[Instant, ...], b: tuple[Instant, ...]) -> None:
    compared = compare_events(a, b, TOLERANCES)
    pairs = len(compared.matched) + len(compared.confused)
    assert pairs + len(compared.only_a) == len(a)
    assert pairs + len(compared.only_b) == len(b)
    assert compared.total.f is None or 0 <= compared.total.f <= 1
    assert all(pair.a.type != pair.b.type for pair in compared.confused)


@given(instants)
def test_identical_answers_agree_wholly(a: tuple[Instant, ...]) -> None:
    compared = compare_events(a, a, TOLERANCES)
    assert compared.total == Tally(len(a), len(a), len(a))
    assert all(pair.dt_ns == 0 for pair in compared.matched)
