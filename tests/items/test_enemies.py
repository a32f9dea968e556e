from tests.items.bank_builder import item

from liangcai.items import ItemBank, read_items


def bank_of(**enemies: list[str]) -> ItemBank:
    codes = ("JN5-I01", "JN5-I02", "JN5-I03")
    return ItemBank(items=tuple(item(code, enemies=enemies.get(code[-3:], [])) for code in codes))


def test_an_enemy_named_on_one_side_is_one_on_both() -> None:
    bank = bank_of(I01=["JN5-I02"])

    assert bank.enemies_of("JN5-I01") == {"JN5-I02"}
    assert bank.enemies_of("JN5-I02") == {"JN5-I01"}
    assert bank.enemies_of("JN5-I03") == frozenset()


def test_the_side_that_names_an_enemy_does_not_matter_to_the_bank_but_the_pair_does() -> None:
    assert bank_of(I01=["JN5-I02"]).hash == bank_of(I02=["JN5-I01"]).hash
    assert bank_of(I01=["JN5-I02"]).hash != bank_of().hash


def test_a_new_enemy_is_no_new_version_of_an_item() -> None:
    assert item(enemies=["JN5-I02"]).hash == item().hash


def test_the_shipped_bank_keeps_items_that_ask_the_same_apart() -> None:
    bank = read_items("llm-product-engineer")

    pairs = {frozenset((one.code, enemy)) for one in bank.items for enemy in one.enemies}

    assert len(pairs) == 24
    assert frozenset(("JN3-J01", "ZS2-J01")) in pairs
    assert all(bank.item(code).unit[:2] in ("JN", "ZS") for pair in pairs for code in pair)
