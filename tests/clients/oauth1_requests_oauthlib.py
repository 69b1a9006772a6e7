"""requests-oauthlib against the provider: each signature method, each place for the parameters, typed codes, TLS, refusals."""

import os
import re
import time

from oauth_person import Person
from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1, OAuth1Session
from requests_oauthlib.oauth1_session import TokenRequestDenied

BASE = os.environ['BASE_URL']
TLS = os.environ['TLS_URL']
CERTIFICATE = os.environ['TLS_CERTIFICATE']
CALLBACK = os.environ['CALLBACK']
WEB = {'client_key': os.environ['WEB_KEY'], 'client_secret': os.environ['WEB_SECRET'], 'callback_uri': CALLBACK}


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


def dance(session, base=BASE, initiate='/oauth1/initiate/', **options):
    session.fetch_request_token(base + initiate, **options)
    answer = Person(BASE).allow(session.authorization_url(BASE + '/oauth1/authorize/'))
    session.parse_authorization_response(answer)
    session.fetch_access_token(base + '/oauth1/token/', **options)
    return session


def denied(session, base=BASE, **options):
    try:
        session.fetch_request_token(base + '/oauth1/initiate/', **options)
    except TokenRequestDenied as refusal:
        return refusal.status_code, refusal.response.json()['detail']
    raise AssertionError('the request was answered')


for method in ('HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512'):
    session = dance(OAuth1Session(**WEB, signature_method=method))
    answer = session.post(BASE + '/echo/?q=1&b=%C3%A9+~', data={'title': 'a b+c'})
    expected = {'user': 'alice', 'query': {'q': ['1'], 'b': ['é ~']}, 'data': {'title': ['a b+c']}}
    show(f'{method}: query and form', answer.json(), expected)

for signature_type in (SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_BODY):
    session = dance(OAuth1Session(**WEB, signature_type=signature_type))
    answer = session.post(BASE + '/echo/', data={'title': 'a'})
    show(f'parameters in the {signature_type}', (answer.status_code, answer.json()['user']), (200, 'alice'))

session = OAuth1Session(os.environ['RSA_KEY'], callback_uri=CALLBACK, signature_method='RSA-SHA256', rsa_key=os.environ['RSA_PRIVATE_KEY'])
show('RSA-SHA256', dance(session).get(BASE + '/echo/').json()['user'], 'alice')
weak = OAuth1Session(os.environ['RSA_KEY'], callback_uri=CALLBACK, signature_method='RSA-SHA1', rsa_key=os.environ['RSA_PRIVATE_KEY'])
show('RSA-SHA1', denied(weak), (400, 'oauth_signature_method is not supported.'))

session = dance(OAuth1Session(**WEB), base=TLS, verify=CERTIFICATE)
show('over TLS, behind a proxy', session.get(TLS + '/echo/?a=1', verify=CERTIFICATE).json(), {'user': 'alice', 'query': {'a': ['1']}})

plain = {'client_key': os.environ['PLAIN_KEY'], 'client_secret': os.environ['PLAIN_SECRET'], 'callback_uri': CALLBACK, 'signature_method': 'PLAINTEXT'}
session = dance(OAuth1Session(**plain), base=TLS, verify=CERTIFICATE)
show('PLAINTEXT over TLS', session.get(TLS + '/echo/', verify=CERTIFICATE).json()['user'], 'alice')
in_clear = session.get(BASE + '/echo/')
show('PLAINTEXT in clear', (in_clear.status_code, in_clear.json()), (400, {'detail': 'PLAINTEXT needs https.'}))
show('its first step in clear', denied(OAuth1Session(**plain)), (400, 'PLAINTEXT needs https.'))
unasked = OAuth1Session(WEB['client_key'], client_secret=WEB['client_secret'], callback_uri=CALLBACK, signature_method='PLAINTEXT')
show('PLAINTEXT of a consumer that signs otherwise', denied(unasked, base=TLS, verify=CERTIFICATE), (401, 'Invalid signature'))

session = dance(OAuth1Session(**WEB), initiate='/oauth1/initiate/?scope=read')
show('a read-only token reads and writes', [session.get(BASE + '/echo/').status_code, session.post(BASE + '/echo/').status_code], [200, 403])
reader = dance(OAuth1Session(os.environ['READER_KEY'], client_secret=os.environ['READER_SECRET'], callback_uri=CALLBACK))
show('so does one of a read-only consumer', [reader.get(BASE + '/echo/').status_code, reader.post(BASE + '/echo/').status_code], [200, 403])

typed = OAuth1Session(os.environ['TYPED_KEY'], client_secret=os.environ['TYPED_SECRET'], callback_uri='oob')
typed.fetch_request_token(BASE + '/oauth1/initiate/')
page = Person(BASE).answer(typed.authorization_url(BASE + '/oauth1/authorize/'), 'allow').text
verifier = re.search(r'<strong>([A-Z]{8})</strong>', page).group(1)
typed.fetch_access_token(BASE + '/oauth1/token/', verifier=verifier)
show('a code that is typed', typed.get(BASE + '/echo/').json()['user'], 'alice')

refused = OAuth1Session(**WEB)
refused.fetch_request_token(BASE + '/oauth1/initiate/')
answer = Person(BASE).decide(refused.authorization_url(BASE + '/oauth1/authorize/'), 'deny')
show('after Deny', answer.endswith('&oauth_problem=permission_denied'), True)

session = dance(OAuth1Session(**WEB))
token = session.token
again = {'nonce': '1234', 'timestamp': str(int(time.time()))}
auth = OAuth1(WEB['client_key'], WEB['client_secret'], token['oauth_token'], token['oauth_token_secret'], **again)
first, second = (session.get(BASE + '/echo/', auth=auth) for _ in range(2))
show('a nonce, twice', [first.status_code, second.status_code, second.json()['detail']], [200, 401, 'Nonce check failed'])
late = OAuth1(WEB['client_key'], WEB['client_secret'], token['oauth_token'], token['oauth_token_secret'], timestamp='1700000000')
show('a stale request', session.get(BASE + '/echo/', auth=late).json(), {'detail': 'Nonce check failed'})
forged = OAuth1(WEB['client_key'], WEB['client_secret'], token['oauth_token'], 'no')
answer = session.get(BASE + '/echo/', auth=forged)
show('another secret', (answer.json(), answer.headers['WWW-Authenticate']), ({'detail': 'Invalid signature'}, 'OAuth realm="api"'))
