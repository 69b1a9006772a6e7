"""requests against the schemes that need no provider."""

import os

import requests
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

BASE = os.environ['BASE_URL']
ALICE = {'user': 'alice'}


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


show('Basic', requests.get(BASE + '/basic/', auth=HTTPBasicAuth('alice', 'pw')).json(), ALICE)
refused = requests.get(BASE + '/basic/', auth=('alice', 'no'))
show('Basic, wrong', (refused.status_code, refused.headers['WWW-Authenticate']), (401, 'Basic realm="api"'))

session = requests.Session()
session.auth = HTTPDigestAuth('alice', 'digest-pw')
show('Digest, three requests', [session.get(BASE + '/digest/').json() for _ in range(3)], [ALICE] * 3)
answer = session.post(BASE + '/digest/?a=%62&c', json={'title': 'one'})
show('Digest, a body and a query', answer.json(), {**ALICE, 'data': {'title': 'one'}})
show('Digest, wrong', requests.get(BASE + '/digest/', auth=HTTPDigestAuth('alice', 'pw')).status_code, 401)

header = {'Authorization': 'Token ' + os.environ['TOKEN']}
show('Token', requests.get(BASE + '/token/', headers=header).json(), ALICE)
show('Token, cut', requests.get(BASE + '/token/', headers={'Authorization': header['Authorization'][:-1]}).status_code, 401)

browser = requests.Session()
csrf = browser.get(BASE + '/accounts/login/', headers={'Accept': 'application/json'}).json()['csrfToken']
login = browser.post(BASE + '/accounts/login/', json={'username': 'alice', 'password': 'pw'}, headers={'X-CSRFToken': csrf})
show('a login by JSON', login.json()['username'], 'alice')
show('the session', browser.get(BASE + '/session/').json(), ALICE)
show('without CSRF token', browser.post(BASE + '/session/').json(), {'detail': 'CSRF Failed: CSRF token missing.'})
safe = browser.post(BASE + '/session/', json={}, headers={'X-CSRFToken': browser.cookies['csrftoken']})
show('with it', safe.json(), {**ALICE, 'data': {}})
