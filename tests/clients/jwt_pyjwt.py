"""PyJWT verifies our tokens by our key set."""

import os

import jwt

keys = jwt.PyJWKClient(os.environ['BASE_URL'] + '/.well-known/jwks.json')
for algorithm in ('ES256', 'RS256'):
    token = os.environ['JWT_' + algorithm]
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=[algorithm], issuer='https://api.example.com')
    assert (claims['user_id'], claims['token_type']) == (os.environ['USER_ID'], 'access'), claims
    print(algorithm, 'user', claims['user_id'])
    head, body, signature = token.split('.')
    swapped = signature[:-6] + ('A' if signature[-6] != 'A' else 'B') + signature[-5:]
    try:
        jwt.decode(f'{head}.{body}.{swapped}', key.key, algorithms=[algorithm], issuer='https://api.example.com')
    except jwt.InvalidSignatureError:
        print(algorithm, 'with another signature is refused')
    else:
        raise AssertionError('a changed token was accepted')
