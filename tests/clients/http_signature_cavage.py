"""Signs requests as draft-cavage says, with Debian's python3-httpsig."""

import os
from email.utils import formatdate

import requests
from httpsig.requests_auth import HTTPSignatureAuth

url = os.environ["BASE_URL"] + "/legacy/"
dated = {"Date": formatdate(usegmt=True)}
covered = ["(request-target)", "host", "date"]

for key_id, algorithm, secret in (
    ("rsa-v1_5-sha256", "rsa-sha256", os.environ["RSA_KEY"]),
    ("hmac-sha256", "hmac-sha256", os.environ["HMAC_SECRET"]),
):
    auth = HTTPSignatureAuth(key_id=key_id, secret=secret, algorithm=algorithm, headers=covered)
    print(algorithm, requests.get(url, auth=auth, headers=dated, timeout=10).status_code)

print("unsigned", requests.get(url, timeout=10).status_code)
