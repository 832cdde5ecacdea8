#!/usr/bin/env python3
"""Checks an audit export of Linli without Linli: python3 verify_audit.py EXPORT [--anchors FILE --key PUBLIC ...]

EXPORT is what `flask audit export` wrote. The chain check needs nothing but Python 3.9. With --anchors (a copy of
anchors.jsonl, best one that never lay on the server) the heads of the chains are held against the signed anchors;
checking signatures needs the package `cryptography`. Exit code: 0 all holds, 1 something does not, 2 wrong usage,
3 nothing wrong was found, but not everything could be checked (the last lines say what).

How it is made. A hash is SHA-256 over canonical JSON: ASCII, no spaces, keys in order. A link's hash is that of
["linli-audit-1", chain, seq, previous hash, number, at, kind, subject_type, subject_id, order_id, version, office_id,
actor_id, before, after, name_digest, words_digest]; before the first link stand 64 zeros. name_digest is the hash of
["name", salt, actor name], words_digest of ["words", salt, particulars]. A row of the kind journal.redact names rows
whose name or words were blanked, with the digests that hold since: [[number, name digest, words digest], ...].
An anchor's signature is Ed25519 over the canonical JSON of the line without it; `previous` is the SHA-256 of the line
before.
"""

import argparse
import base64
import hashlib
import json
import sys

EXPORT, FORMAT, ANCHOR = "linli-audit-export-1", "linli-audit-1", "linli-anchor-1"
FIXED = (
    "number", "at", "kind", "subject_type", "subject_id", "order_id", "version", "office_id", "actor_id", "before",
    "after",
)  # fmt: skip
ORIGIN = "0" * 64


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def hashed(value):
    return hashlib.sha256(canonical(value)).hexdigest()


class Findings:
    """What is wrong, what could not be checked, and how much was looked at."""

    def __init__(self):
        self.wrong, self.unchecked = [], []
        self.links, self.chains, self.redacted, self.anchors = 0, set(), 0, 0

    def exit_code(self):
        return 1 if self.wrong else 3 if self.unchecked else 0


# ---------- the export ----------


def read_export(path, findings):
    """The head line and the link lines; a file that breaks off is a finding."""
    head, links, end = {}, [], None
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
                if number == 1:
                    head = line
                elif end is None and "end" in line:
                    end = line["end"]
                else:
                    links.append({**line, "row": dict(line["row"])})
                    if end is not None:
                        raise ValueError
            except (ValueError, KeyError, TypeError):
                findings.wrong.append(f"line {number} of the export is unreadable or out of place")
    if head.get("export") != EXPORT or head.get("format") != FORMAT:
        findings.wrong.append("the export does not begin with the head line of this format")
    if end != len(links):
        findings.wrong.append(f"the export breaks off: it ends with {end}, and {len(links)} links were read")
    return head, links


def redactions(links):
    """Row number -> the digests that hold since its last redaction, of rows that stand before it."""
    found = {}
    named = [link for link in links if link["row"].get("kind") == "journal.redact"]
    for link in sorted(named, key=lambda link: link["row"]["number"]):
        for number, name, words in link.get("words", ["", {}])[1].get("rows", []):
            if number < link["row"]["number"]:
                before = found.get(number, (None, None))
                found[number] = (name or before[0], words or before[1])
    return found


def check_links(head, links, findings):
    """Every link against the one before it; gives back chain -> {seq: hash}."""
    with_words = bool(head.get("words"))
    since = redactions(links) if with_words else {}
    if not with_words:
        findings.unchecked.append("names and words: the export was made without them")
    hashes, seen = {}, set()
    for link in links:
        chain, seq, row = link["chain"], link["seq"], link["row"]
        of_chain = hashes.setdefault(chain, {})
        last = max(of_chain, default=0)
        place = f"chain {chain or '-'} link {seq} (row {row.get('number')})"
        if seq != last + 1:
            findings.wrong.append(f"{place}: it follows link {last}; something was taken out or moved")
        if row.get("number") in seen:
            findings.wrong.append(f"{place}: this row stands in the export twice")
        if (row.get("office_id") or "") != chain:
            findings.wrong.append(f"{place}: the row belongs to another chain")
        fixed = [row.get(name) for name in FIXED]
        made_of = [FORMAT, chain, seq, of_chain.get(last, ORIGIN), *fixed, link["name_digest"], link["words_digest"]]
        if hashed(made_of) != link["hash"]:
            findings.wrong.append(f"{place}: altered, or the link before it was")
        if with_words:
            check_words(link, since.get(row["number"], (None, None)), place, findings)
        seen.add(row.get("number"))
        of_chain[seq] = link["hash"]
    findings.links, findings.chains = len(links), set(hashes)
    return hashes


def check_words(link, since, place, findings):
    name = hashed(["name", *link["name"]])
    words = hashed(["words", *link["words"]])
    if name != (since[0] or link["name_digest"]):
        findings.wrong.append(f"{place}: the name was altered")
    if words != (since[1] or link["words_digest"]):
        findings.wrong.append(f"{place}: the words were altered")
    findings.redacted += since != (None, None)


# ---------- the anchors ----------


def signature_checker(findings):
    """A function (content, signature, public key) -> bool; None where `cryptography` is absent, and says so."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        findings.unchecked.append(
            "SIGNATURES: the package `cryptography` is not installed (pip install cryptography); without it anybody "
            "could have written the anchors"
        )
        return None

    def is_signed(content, signature, public):
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
            key.verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signed


def expected_heads(path, keys, findings):
    """(chain, seq) -> hash, as the anchors say; restarts take back what was lost in them."""
    is_signed, trusted = signature_checker(findings), set(keys)
    if is_signed and not trusted:
        findings.unchecked.append("SIGNATURES: no --key was given, so nobody knows whose anchors these are")
    with open(path, "rb") as file:
        texts = file.read().split(b"\n")[:-1]
    expected, previous = {}, ORIGIN
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            heads = {chain: (int(seq), str(digest)) for chain, (seq, digest) in line["heads"].items()}
            signature = line.pop("signature")
            if line["format"] != ANCHOR:
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            findings.wrong.append(f"line {number} of the anchors is unreadable")
            previous = hashlib.sha256(text).hexdigest()
            continue
        if line.get("previous") != previous:
            findings.wrong.append(f"line {number} of the anchors does not follow the line before it")
        if is_signed and trusted and not any(is_signed(canonical(line), signature, key) for key in trusted):
            findings.wrong.append(f"line {number} of the anchors is not signed by a trusted key")
        if line.get("kind") == "key":
            trusted |= {line["public"]} if trusted else set()
        if line.get("kind") == "restart":
            expected = {at: digest for at, digest in expected.items() if at[1] <= heads.get(at[0], (0, ""))[0]}
            print(f"note: at {line.get('at')} the database was put back on purpose ({line.get('why', '')})")
        expected.update({(chain, seq): digest for chain, (seq, digest) in heads.items()})
        previous = hashlib.sha256(text).hexdigest()
    findings.anchors = len(texts)
    return expected


def check_anchors(expected, hashes, office, findings):
    for (chain, seq), digest in sorted(expected.items()):
        if office is not None and chain != office:
            continue
        found = hashes.get(chain, {}).get(seq)
        if found is None:
            findings.wrong.append(f"chain {chain or '-'}: link {seq} was anchored and is gone; the tail was cut")
        elif found != digest:
            findings.wrong.append(f"chain {chain or '-'}: link {seq} is not as it was anchored")


# ---------- the command ----------


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check an audit export of Linli.")
    parser.add_argument("export")
    parser.add_argument("--anchors", help="a copy of anchors.jsonl")
    parser.add_argument(
        "--key", action="append", default=[], help="public key in base64, as `flask audit key` shows it"
    )
    given = parser.parse_args(arguments)
    findings = Findings()
    head, links = read_export(given.export, findings)
    try:
        hashes = check_links(head, links, findings)
    except (KeyError, TypeError, AttributeError, ValueError):
        findings.wrong.append("a link of the export lacks a part or holds one of the wrong kind")
        hashes = {}
    if given.anchors:
        check_anchors(expected_heads(given.anchors, given.key, findings), hashes, head.get("office"), findings)
    else:
        findings.unchecked.append("a cut tail, or a chain made anew: only anchors show those (--anchors)")
    tell(findings)
    return findings.exit_code()


def tell(findings):
    print(
        f"{findings.links} links in {len(findings.chains)} chains, {findings.redacted} rows with blanked words, "
        f"{findings.anchors} anchor lines"
    )
    for line in findings.wrong:
        print(f"WRONG: {line}")
    for line in findings.unchecked:
        print(f"NOT CHECKED: {line}")
    print("BROKEN" if findings.wrong else "HOLDS, as far as it was checked" if findings.unchecked else "HOLDS")


if __name__ == "__main__":
    sys.exit(main())
