"""requests-oauthlib against the provider: code with PKCE, automatic refresh, revocation, client credentials, password."""

import base64
import hashlib
import os
import secrets

os.environ['OAUTHLIB_INSECURE_TRANSPORT'] = '1'

from oauth_person import Person  # noqa: E402
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient  # noqa: E402
from requests_oauthlib import OAuth2Session  # noqa: E402

BASE = os.environ['BASE_URL']
TOKEN = BASE + '/oauth2/token/'


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


verifier = secrets.token_urlsafe(48)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b'=').decode()
web = OAuth2Session(os.environ['WEB_ID'], redirect_uri=os.environ['CALLBACK'], scope=['read', 'write'])
url, state = web.authorization_url(BASE + '/oauth2/authorize/', code_challenge=challenge, code_challenge_method='S256')
answer = Person(BASE).allow(url)
token = web.fetch_token(TOKEN, authorization_response=answer, client_secret=os.environ['WEB_SECRET'], code_verifier=verifier)
show('scope of the code grant', token['scope'], ['read', 'write'])
show('notes with it', web.get(BASE + '/notes/').json(), {'user': 'alice'})

credentials = {'client_id': os.environ['WEB_ID'], 'client_secret': os.environ['WEB_SECRET']}
fresh = web.refresh_token(TOKEN, refresh_token=token['refresh_token'], **credentials)
show('the refresh token rotates', fresh['refresh_token'] != token['refresh_token'], True)
again = web.post(TOKEN, data={'grant_type': 'refresh_token', 'refresh_token': token['refresh_token'], **credentials}, withhold_token=True)
show('the old one again', (again.status_code, again.json()), (400, {'error': 'invalid_grant'}))
show('notes after the family has ended', web.get(BASE + '/notes/').status_code, 401)

machine = OAuth2Session(client=BackendApplicationClient(os.environ['MACHINE_ID'], scope=['read']))
machine.fetch_token(TOKEN, client_id=os.environ['MACHINE_ID'], client_secret=os.environ['MACHINE_SECRET'], include_client_id=True)
show('notes of a machine', machine.get(BASE + '/notes/').status_code, 200)
show('writing without the scope', machine.post(BASE + '/notes/').status_code, 403)

legacy = OAuth2Session(client=LegacyApplicationClient(os.environ['LEGACY_ID'], scope=['read']))
legacy.fetch_token(TOKEN, username='alice', password='pw', client_id=os.environ['LEGACY_ID'], client_secret=os.environ['LEGACY_SECRET'])
show('notes by password', legacy.get(BASE + '/notes/').json(), {'user': 'alice'})
