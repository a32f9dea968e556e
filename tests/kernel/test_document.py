from functools import cached_property

from liangcai.kernel.text import Document


class Note(Document):
    text: str

    @cached_property
    def length(self) -> int:
        return len(self.text)


def test_a_changed_copy_forgets_what_was_computed_from_the_old_content() -> None:
    note = Note(text="abc")
    assert note.length == 3

    copy = note.model_copy(update={"text": "abcdef"})

    assert copy.length == 6
    assert note.length == 3
