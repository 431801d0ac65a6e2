#!/usr/bin/env python3
"""Makes the vectors of signed URLs with parameters, by the contract alone and with the standard library alone.

usage: python3 tests/Properties/make-vectors.py > tests/Properties/presign-parameter-vectors.json
"""
import base64
import hashlib
import hmac
import json
import urllib.parse

SECRET = "super-secret-hmac-secret"
BLOB = "01996168-e738-7552-9662-2041482b96c3"
EXPIRES = 1758276788

# Each makes one vector; names are in the order of their signature, which is not the order of this list.
PARAMETERS = [
    {"response_content_type": "text/csv"},
    {"response_content_type": "text/csv; charset=utf-8", "response_content_disposition": 'attachment; filename="a b.csv"'},
    {"response_content_disposition": "a|b"},
    {"response_content_disposition": "inline|response_content_type=text/html"},
    {"response_content_disposition": "a=b&c=d&sig=e&expires=1"},
    {"response_content_disposition": "100%25 %41 %zz %"},
    {"response_content_disposition": "a+b c + d"},
    {"response_content_disposition": "quotes \" and ' and \\\" and `"},
    {"response_content_disposition": "attachment; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"},
    {"response_content_disposition": "tab\there", "response_content_type": "~-._!#$()*,/:;<>?@[]^{}"},
    {"response_content_disposition": ""},
    {"response_content_disposition": "attachment; filename=naïve €.txt"},
    {"response_content_type": "日本語", "response_content_disposition": "\U0001f600 e\u0301 \u00e9"},
    {"response_content_disposition": "line\r\nbreak\0"},
]


def encode(value):
    return urllib.parse.quote(value.encode("utf-8"), safe="-._~")


def sign(secret, method, path, expires, parameters):
    text = f"{method}|{path}|{expires}" + "".join(f"|{name}={encode(value)}" for name, value in sorted(parameters.items()))
    mac = hmac.new(secret.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode("ascii")


def case(secret, path, parameters):
    sig = sign(secret, "GET", path, EXPIRES, parameters)
    query = "".join(f"&{name}={encode(value)}" for name, value in sorted(parameters.items()))
    return {
        "secret": secret,
        "method": "GET",
        "path": path,
        "expires": EXPIRES,
        "parameters": parameters,
        "sig": sig,
        "target": f"{path}?expires={EXPIRES}{query}&sig={sig}",
    }


print(json.dumps(
    {
        "string_to_sign": "{method}|{path}|{expires} and for each parameter, sorted by name, |{name}={percent-encoded value}",
        "algorithm": "HMAC-SHA256, secret as UTF-8 bytes, base64url with padding",
        "cases": [case(SECRET, f"/files/{BLOB}", parameters) for parameters in PARAMETERS]
        + [case("schlüssel | =", f"/photos/{BLOB}", parameters) for parameters in PARAMETERS[1:3]],
    },
    indent=1))
