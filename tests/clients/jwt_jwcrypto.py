"""jwcrypto verifies our tokens by our key set."""

import json
import os
import urllib.request

from jwcrypto import jwk, jwt

with urllib.request.urlopen(os.environ['BASE_URL'] + '/.well-known/jwks.json') as answer:
    text = answer.read().decode()
keys = jwk.JWKSet.from_json(text)
for key in json.loads(text)['keys']:
    assert 'd' not in key and jwk.JWK(**key).thumbprint() == key['kid'], key
    print(key['kty'], 'is public, and named by its thumbprint')
for algorithm in ('ES256', 'RS256'):
    token = jwt.JWT(jwt=os.environ['JWT_' + algorithm], key=keys, algs=[algorithm], check_claims={'iss': 'https://api.example.com'})
    claims = json.loads(token.claims)
    assert (claims['user_id'], claims['token_type']) == (os.environ['USER_ID'], 'access'), claims
    print(algorithm, 'user', claims['user_id'])
