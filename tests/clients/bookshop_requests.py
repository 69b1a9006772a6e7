"""requests against the sample, with what it prints at its start."""

import os

import requests
from requests.auth import HTTPDigestAuth

BASE = os.environ['BASE_URL']
LOGIN = {'username': 'alice', 'password': 'alice-pass-1'}


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


show('Basic', requests.get(BASE + '/example/', auth=('alice', 'alice-pass-1')).json(), {'user': 'alice', 'auth': None})
digest = requests.get(BASE + '/digest/whoami/', auth=HTTPDigestAuth('alice', 'alice-digest-1'))
show('Digest', digest.json(), {'user': 'alice'})
token = requests.post(BASE + '/api-token-auth/', json=LOGIN).json()['token']
show('Token', requests.get(BASE + '/token/whoami/', headers={'Authorization': f'Token {token}'}).json(), {'user': 'alice'})
pair = requests.post(BASE + '/jwt/token/', json=LOGIN).json()
show('JWT', requests.get(BASE + '/jwt/whoami/', headers={'Authorization': f"Bearer {pair['access']}"}).json(), {'user': 'alice'})
