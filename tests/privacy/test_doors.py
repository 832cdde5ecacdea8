"""The reviewed table of doors is whole; the answers themselves are asked by the matrix bar of `make integrity`."""

from tests.integrity.bars.matrix import rules_of, strange_doors
from tests.integrity.matrix.expected import AWAY, BARRED, IN, SIGN_IN, audiences, doors
from tests.integrity.matrix.planted import FIELDS, allowed, found_in, planted


def test_every_route_and_socket_event_is_in_the_reviewed_table(site):
    assert not strange_doors(rules_of(site)), "list these in tests/integrity/matrix/expected.txt"


def test_an_audience_tells_the_four_answers_apart():
    desk = audiences()["desk"]
    assert desk.expects("coordinator own", "coordinator") == IN
    assert desk.expects("coordinator sibling", "coordinator") == AWAY
    assert desk.expects("supervisor own", "supervisor") == BARRED
    assert desk.expects("nobody", "nobody") == SIGN_IN


def test_a_stage_may_have_an_audience_of_its_own():
    door = doors()["GET", "/orders/<order_id>/photos/<photo_id>"]
    assert door.audiences["submitted"] != "" and set(door.stages) > {"submitted", "later"}


def test_every_planted_value_is_found_again_and_nobody_else_may_read_any():
    for stage in ("submitted", "later"):
        text = " ".join(str(value) for value in planted(stage).values())
        assert {field for at, field in found_in(text) if at == stage} == set(FIELDS)
    assert allowed("nobody") == allowed("other volunteer") == allowed("administrator own") == set()
    assert ("later", "address") not in allowed("accepted")
