"""authlib against the provider: code with PKCE, refresh, introspection, revocation, client credentials, password, bearer."""

import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from oauth_person import Person

os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'
BASE = os.environ['BASE_URL']
CALLBACK = os.environ['CALLBACK']
TOKEN = BASE + '/oauth2/token/'


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


verifier = generate_token(48)
web = OAuth2Session(os.environ['WEB_ID'], os.environ['WEB_SECRET'], redirect_uri=CALLBACK, scope='read write', code_challenge_method='S256')
url, state = web.create_authorization_url(BASE + '/oauth2/authorize/', code_verifier=verifier)
answer = Person(BASE).allow(url)
token = web.fetch_token(TOKEN, authorization_response=answer, state=state, code_verifier=verifier)
show('scope of the code grant', token['scope'], 'read write')
show('notes with it', web.get(BASE + '/notes/').json(), {'user': 'alice'})

old = token['refresh_token']
token = web.refresh_token(TOKEN, refresh_token=old)
show('the refresh token rotates', token['refresh_token'] != old, True)
show('introspection', web.introspect_token(BASE + '/oauth2/introspect/', token=token['access_token']).json()['active'], True)
show('revocation', web.revoke_token(BASE + '/oauth2/revoke_token/', token=token['refresh_token']).status_code, 200)
show('introspection after it', web.introspect_token(BASE + '/oauth2/introspect/', token=token['access_token']).json(), {'active': False})

for method in ('client_secret_basic', 'client_secret_post'):
    machine = OAuth2Session(os.environ['MACHINE_ID'], os.environ['MACHINE_SECRET'], scope='read', token_endpoint_auth_method=method)
    machine.fetch_token(TOKEN, grant_type='client_credentials')
    show(f'notes of a machine by {method}', machine.get(BASE + '/notes/').status_code, 200)

legacy = OAuth2Session(os.environ['LEGACY_ID'], os.environ['LEGACY_SECRET'], scope='read')
legacy.fetch_token(BASE + '/oauth2/access_token/', username='alice', password='pw')
show('notes by password, at the address of the 2014 guide', legacy.get(BASE + '/notes/').json(), {'user': 'alice'})
