"""authlib against the provider of OpenID Connect: discovery, code with PKCE and nonce, the ID token, UserInfo."""

import os

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken
from oauth_person import Person

os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'
BASE = os.environ['BASE_URL']


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


found = requests.get(BASE + '/.well-known/openid-configuration').json()
show('issuer', found['issuer'], BASE)
keys = JsonWebKey.import_key_set(requests.get(found['jwks_uri']).json())

for name, algorithm in (('WEB', 'RS256'), ('CURVE', 'ES256')):
    client_id = os.environ[name + '_ID']
    client = OAuth2Session(
        client_id,
        os.environ[name + '_SECRET'],
        redirect_uri=os.environ['CALLBACK'],
        scope='openid profile email',
        code_challenge_method='S256',
    )
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(found['authorization_endpoint'], code_verifier=verifier, nonce=nonce)
    answer = Person(BASE).allow(url)
    token = client.fetch_token(found['token_endpoint'], authorization_response=answer, state=state, code_verifier=verifier)
    claims = jwt.decode(
        token['id_token'],
        keys,
        claims_cls=CodeIDToken,
        claims_options={'iss': {'essential': True, 'value': BASE}, 'aud': {'essential': True, 'value': client_id}},
        claims_params={'nonce': nonce, 'client_id': client_id, 'access_token': token['access_token']},
    )
    claims.validate()
    show('algorithm of the ID token', claims.header['alg'], algorithm)
    person = client.get(found['userinfo_endpoint']).json()
    show('UserInfo is of the same subject', person['sub'] == claims['sub'], True)
    show('name', person['name'], 'Alice Liddell')
