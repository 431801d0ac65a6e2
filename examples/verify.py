"""Verifies Borderless URLs, and receipts of HS256 only: Python 3, standard library. Cases: python3 examples/verify.py vectors/"""
import base64, functools, hmac, ipaddress, json, pathlib, re, sys, urllib.parse as url
RESERVED = "upload files admin presign healthz readyz metrics openapi console .well-known".split()
ROUTES = {"upload": {"POST": "upload", "PUT": "update", "GET": "status"}, "files": {"GET": "download", "DELETE": "delete"},
          "/chunks": {"GET": "status"}, "": {"POST": "upload", "PUT": "update", "GET": "download", "DELETE": "delete"}}
ANYWHERE, NUMBER, NAME = ("expires", "not_before", "client_ip"), "0|[1-9][0-9]{0,17}", "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
HEADERS, TYPE = ("response_content_type", "response_content_disposition"), rf"(?=.{{1,255}}$)(?!.* $){NAME}/(\*|{NAME} *(;[ -}}]*)?)"
RULES = {  # how its value is spelled, what its refusal is called, and when it passes; in the order in which they are judged
    "expires": (NUMBER, "link_expired", lambda value, use: use["now"] <= int(value)),
    "not_before": (NUMBER, "link_not_yet_valid", lambda value, use: use["now"] >= int(value)),
    "client_ip": ("[0-9A-Fa-f:.]+(/(0|[1-9][0-9]*))?", "client_not_allowed", lambda value, use: client_in(value, use["client"])),
    "chunks": ("[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?", "invalid_chunk", lambda value, use: use["intent"] == "chunk" and use["index"] in span(value)),
    "max_size": (NUMBER, "payload_too_large", lambda value, use: use["size"] <= int(value)),
    "min_size": (NUMBER, "too_small", lambda value, use: use["intent"] == "chunk" or use["size"] >= int(value)),
    "sha256": ("[0-9A-Fa-f]{64}", "digest_mismatch", lambda value, use: use["intent"] == "chunk" or use["sha256"] == value.lower()),
    "content_type": (TYPE, "unsupported_media_type", lambda value, use: use["intent"] == "chunk" or type_in(value.lower(), use["content_type"])),
    "once": ("[A-Za-z0-9_-]{16,64}", "link_used", lambda value, use: True)}  # only the store knows whether it was used
def span(text): return range(int(text.split("-")[0]), int(text.split("-")[-1]) + 1)
def client_in(text, client):  # an IPv4 address within IPv6 counts as what it stands for
    return bool(client) and (getattr(address := ipaddress.ip_address(client), "ipv4_mapped", None) or address) in ipaddress.ip_network(text)
def type_in(wanted, sent):  # all of a type means one media type: a list is none
    sent = (sent or "application/octet-stream").lower()
    return re.fullmatch(rf"{re.escape(wanted[:-1])}{NAME}[ \t]*(;[^,]*)?", sent) if wanted.endswith("/*") else sent == wanted
def is_rule(name, text):
    if name not in RULES or not re.fullmatch(RULES[name][0], text) or name == "chunks" and not 0 < max(span(text), default=0) <= 10000: return False
    try: return name != "client_ip" or not getattr(ipaddress.ip_network(text).network_address, "ipv4_mapped", None)
    except ValueError: return False
def mac(key, text): return hmac.digest(key, text.encode(), "sha256")
def read_pairs(text, between):  # each name once, values percent-decoded once as UTF-8; None where that cannot be
    pairs = [pair.partition("=")[::2] for pair in text.split(between) if text]
    values = {name: url.unquote_to_bytes(value).decode(errors="surrogateescape") for name, value in pairs}
    spelled = all(re.fullmatch("[a-z0-9_]{1,32}", name) and re.fullmatch(r"([\x00-$&-\x7f]|%[0-9A-Fa-f]{2})*", value) for name, value in pairs)
    return values if spelled and len(values) == len(pairs) and not re.search("[\udc80-\udcff]", "".join(values.values())) else None
def judge(keys, epoch, now, client, method, target, upload):  # what must hold, and what it is called where it does not
    path, _, query = target.partition("?")
    parts = re.fullmatch(r"/(?!\.\.?/)([^/%]+)/(?!\.\.?(?:/|$))([^/%]+)(/chunks)?", path)
    yield parts and parts[1] not in RESERVED[0 if parts[3] else 2:], "no_such_route"
    yield parts[1] in RESERVED[:2] or re.fullmatch("[A-Za-z0-9_-]{1,63}", parts[1]) and parts[1].lower() not in RESERVED, "invalid_bucket"
    method = "GET" if method == "HEAD" else method
    yield (action := ROUTES.get(parts[3] or parts[1], ROUTES[""]).get(method)), "method_not_allowed"
    yield re.fullmatch("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", parts[2]), "invalid_blob_id"
    values = read_pairs(query, "&")
    levels = values["narrow"].split("~") if values and "narrow" in values else []
    yield values is not None and len(values) <= 32 and values.get("kid") != "" and (not levels or len(levels) <= 8 and len(query) <= 4096), "invalid_signature"
    yield "sig" in values and "expires" in values, "missing_signature"
    yield re.fullmatch("0|[1-9][0-9]{0,11}", values["expires"]), "invalid_signature"
    yield (key := keys.get(values.get("kid", ""))) and now <= key.get("until", now), "invalid_signature"
    signed = {name: values[name] for name in sorted(values) if name not in ("sig", "expires", "narrow")}
    text = "|".join([method, path, values["expires"]] + [f"{name}={url.quote(signed[name], '')}" for name in signed])
    sig = functools.reduce(mac, [text] + [f"narrow|{level}" for level in levels], key["secret"].encode())
    yield hmac.compare_digest(base64.urlsafe_b64encode(sig), values["sig"].encode()), "invalid_signature"
    yield re.fullmatch(NUMBER, signed.get("epoch", "0")), "invalid_rule"
    yield int(signed.pop("epoch", "0")) >= epoch, "link_revoked"
    yield now <= int(values["expires"]), "link_expired"
    yield all(name in RULES or name == "kid" or name in HEADERS and action == "download" for name in signed), "unknown_parameter"
    narrowed = [read_pairs(level, "|") or {"": ""} for level in levels]
    rules = [(name, value) for level in [signed, *narrowed] for name, value in level.items() if level is not signed or name in RULES]
    yield all(is_rule(name, value) for name, value in rules) and not any("once" in level for level in narrowed), "invalid_rule"
    yield action in ("upload", "update") or all(name in ANYWHERE for name, _ in rules), "invalid_rule"
    for name, value in ((name, value) for name in (RULES if upload else ANYWHERE) for rule, value in rules if rule == name):
        yield RULES[name][2](value, {"now": now, "client": client, **(upload or {})}), RULES[name][1]
    yield all(re.fullmatch(r"(?![ \t])[\t -~]{0,2048}(?<![ \t])", signed.get(name, "")) for name in HEADERS), "invalid_header"
def verify(keys, epoch, now, client, method, target, upload=None):  # "ok", or the code of what refuses first
    return next((code for holds, code in judge(keys, epoch, now, client, method, target, upload) if not holds), "ok")
def verify_receipt(keys, now, receipt):  # what it says, or None; its key says by which algorithm, and never the receipt itself
    try:
        signed, _, signature = receipt.rpartition(".")
        head, body = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
        key = keys[head.get("kid", "")]
        sig = functools.reduce(mac, [key["secret"], "borderless receipt v1\x01", signed], bytes(32))  # HKDF-SHA256 (RFC 5869), then HS256
        ours = (head["alg"], head["typ"]) == ("HS256", "borderless-receipt+jwt") and not {"crit", "exp", "nbf", "aud"} & {*head, *body}
        same = hmac.compare_digest(base64.urlsafe_b64encode(sig).decode().rstrip("="), signature)
        return body if same and ours and now <= key.get("until", now) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError): return None
if __name__ == "__main__":  # the names of a case's fields are those of the arguments
    cases = [case for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")) for case in json.loads(file.read_text("utf-8"))["cases"]]
    wrong = [case["name"] for case in cases if (verify_receipt if "receipt" in case else verify)(
        **{name: value for name, value in case.items() if name not in ("name", "expect")}) != case["expect"]]
    sys.exit(print(*wrong, f"{len(cases) - len(wrong)} passed, {len(wrong)} failed", sep="\n") or len(wrong) > 0 or not cases)
