"""httpx against Digest."""

import os

import httpx

URL = os.environ['BASE_URL'] + '/digest/'

with httpx.Client(auth=httpx.DigestAuth('alice', 'digest-pw')) as client:
    found = [client.get(URL).json(), client.post(URL + '?a=b', json={}).json()]
assert found == [{'user': 'alice'}, {'user': 'alice', 'data': {}}], found
print('httpx:', found)

wrong = httpx.get(URL, auth=httpx.DigestAuth('alice', 'pw')).status_code
assert wrong == 401, wrong
print('httpx, wrong:', wrong)
