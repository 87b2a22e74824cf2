from tickets.threading import Candidate, Clue, Found, choose, numbers_in, referenced_ids

ADA = "ada@example.test"
EVE = "eve@example.test"


def candidate(ticket_id=7, clue=Clue.SIGNED, *, participants=(ADA,), is_over=False):
    return Candidate(ticket_id, clue, frozenset(participants), is_over=is_over)


def test_a_mail_without_a_clue_begins_a_new_ticket():
    assert choose([], sender=ADA) is None


def test_a_participant_with_a_signed_address_goes_on_with_the_ticket():
    assert choose([candidate()], sender=ADA) == Found(7, is_stranger=False)


def test_letter_case_of_the_sender_does_not_matter():
    assert choose([candidate()], sender="Ada@Example.TEST") == Found(7, is_stranger=False)


def test_a_stranger_with_a_signed_address_is_kept_as_a_stranger():
    assert choose([candidate()], sender=EVE) == Found(7, is_stranger=True)


def test_a_stranger_who_knows_a_message_id_begins_a_new_ticket():
    assert choose([candidate(clue=Clue.REFERENCE)], sender=EVE) is None


def test_a_stranger_who_knows_a_number_begins_a_new_ticket():
    assert choose([candidate(clue=Clue.SUBJECT)], sender=EVE) is None


def test_a_participant_who_names_the_number_goes_on_with_the_ticket():
    assert choose([candidate(clue=Clue.SUBJECT)], sender=ADA) == Found(7, is_stranger=False)


def test_a_signed_name_is_worth_more_than_a_number():
    candidates = [candidate(8, Clue.SUBJECT), candidate(7, Clue.SIGNED)]
    assert choose(candidates, sender=ADA) == Found(7, is_stranger=False)


def test_ones_own_ticket_is_preferred_to_being_a_stranger_on_another():
    candidates = [candidate(7, Clue.SIGNED, participants=[EVE]), candidate(8, Clue.REFERENCE)]
    assert choose(candidates, sender=ADA) == Found(8, is_stranger=False)


def test_a_ticket_that_is_long_over_is_not_opened_again():
    assert choose([candidate(is_over=True)], sender=ADA) is None


def test_the_nearest_referenced_message_comes_first():
    assert referenced_ids(["c"], ["a", "b", "c"]) == ["c", "b", "a"]


def test_at_most_a_hundred_references_are_followed():
    assert len(referenced_ids([], [str(n) for n in range(5000)])) == 100


def test_numbers_are_read_in_brackets_only():
    assert numbers_in("Re: order #10422 [#1042] and #7") == [1042]
