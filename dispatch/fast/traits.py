"""All that a volunteer either has or has not, as bits: skills, being on duty, a sex, kinds of credentials."""

from typing import NamedTuple

import numpy as np

from dispatch.geo import IntArray
from dispatch.tables import Masks, OrderTable, Tables


class Kinds(NamedTuple):
    """How many sexes and kinds of credentials some order asks for, and where their bits begin among the skills'."""

    sexes: int
    credentials: int
    first: int

    def words(self) -> int:
        return -(-(self.first + 1 + self.sexes + self.credentials) // 64)


def held_traits(tables: Tables) -> Masks:
    """uint64 (volunteers, words): skills, then a bit for duty, for every sex, and for every kind of credential."""
    of, kinds = tables.volunteers, kinds_of(tables.orders)
    masks = _widened(of.skills, kinds)
    known = (of.sex > 0) & (of.sex <= kinds.sexes)
    _set(masks, np.flatnonzero(of.on_duty), np.full(1, kinds.first))
    _set(masks, np.flatnonzero(known), kinds.first + of.sex[known].astype(np.int64))
    owner = np.repeat(np.arange(len(of)), np.diff(of.credential_ptr))
    asked = of.credential < kinds.credentials
    _set(masks, owner[asked], kinds.first + 1 + kinds.sexes + of.credential[asked])
    return masks


def asked_traits(tables: Tables) -> Masks:
    """uint64 (orders, words): what each order asks for, bits as in held_traits."""
    of, kinds = tables.orders, kinds_of(tables.orders)
    masks = _widened(of.skills, kinds)
    wished = of.sex > 0
    _set(masks, np.flatnonzero(of.now), np.full(1, kinds.first))
    _set(masks, np.flatnonzero(wished), kinds.first + of.sex[wished].astype(np.int64))
    owner = np.repeat(np.arange(len(of)), np.diff(of.credential_ptr))
    _set(masks, owner, kinds.first + 1 + kinds.sexes + of.credential)
    return masks


def kinds_of(of: OrderTable) -> Kinds:
    used = np.bitwise_or.reduce(of.skills, axis=0, initial=np.uint64(0), dtype=np.uint64)
    tops = [64 * word + mask.bit_length() for word, mask in enumerate(used.tolist()) if mask]
    return Kinds(int(of.sex.max(initial=0)), int(of.credential.max(initial=-1)) + 1, max(tops, default=0))


def _widened(skills: Masks, kinds: Kinds) -> Masks:
    """The skills that some order asks for, with room for the other bits."""
    masks = np.zeros((len(skills), kinds.words()), dtype=np.uint64)
    words = min(kinds.words(), skills.shape[1])
    masks[:, :words] = skills[:, :words]
    last, bits = kinds.first // 64, kinds.first % 64
    masks[:, last] &= np.uint64((1 << bits) - 1)
    masks[:, last + 1 :] = 0
    return masks


def _set(masks: Masks, rows: IntArray, bits: IntArray) -> None:
    """Set one bit of each row (a row may come more than once)."""
    flags = np.left_shift(np.uint64(1), (bits % 64).astype(np.uint64))
    np.bitwise_or.at(masks, (rows, bits // 64), flags)
