"""authlib against the provider: HMAC-SHA1, HMAC-SHA256 that it is taught, PLAINTEXT over TLS, refusals.

Only with its parameters in the header: in the query and the form this version writes each of them twice.
"""

import base64
import hashlib
import hmac
import os

from authlib.common.encoding import to_unicode
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth1Session
from authlib.oauth1.rfc5849.client_auth import ClientAuth
from authlib.oauth1.rfc5849.signature import generate_signature_base_string
from authlib.oauth1.rfc5849.util import escape
from oauth_person import Person

os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'
BASE = os.environ['BASE_URL']
TLS = os.environ['TLS_URL']
CALLBACK = os.environ['CALLBACK']


def show(what, found, expected):
    assert found == expected, f'{what}: expected {expected!r}, found {found!r}'
    print(f'{what}: {found!r}')


def dance(session, base=BASE):
    session.fetch_request_token(base + '/oauth1/initiate/')
    answer = Person(BASE).allow(session.create_authorization_url(BASE + '/oauth1/authorize/'))
    session.parse_authorization_response(answer)
    session.fetch_access_token(base + '/oauth1/token/')
    return session


def web(**options):
    return OAuth1Session(os.environ['WEB_KEY'], os.environ['WEB_SECRET'], redirect_uri=CALLBACK, **options)


def sign_hmac_sha256(client, request):
    key = f"{escape(client.client_secret or '')}&{escape(client.token_secret or '')}"
    digest = hmac.new(key.encode(), generate_signature_base_string(request).encode(), hashlib.sha256).digest()
    return to_unicode(base64.b64encode(digest))


answer = dance(web()).post(BASE + '/echo/?q=a%20b', data={'title': 'é'})
show('HMAC-SHA1', answer.json(), {'user': 'alice', 'query': {'q': ['a b']}, 'data': {'title': ['é']}})
ClientAuth.register_signature_method('HMAC-SHA256', sign_hmac_sha256)
show('HMAC-SHA256', dance(web(signature_method='HMAC-SHA256')).get(BASE + '/echo/').json()['user'], 'alice')

plain = OAuth1Session(os.environ['PLAIN_KEY'], os.environ['PLAIN_SECRET'], redirect_uri=CALLBACK, signature_method='PLAINTEXT')
plain.verify = os.environ['TLS_CERTIFICATE']
show('PLAINTEXT over TLS', dance(plain, TLS).get(TLS + '/echo/').json()['user'], 'alice')
show('PLAINTEXT in clear', plain.get(BASE + '/echo/').json(), {'detail': 'PLAINTEXT needs https.'})

wrong = OAuth1Session(os.environ['WEB_KEY'], 'no', redirect_uri=CALLBACK)
try:
    wrong.fetch_request_token(BASE + '/oauth1/initiate/')
except AuthlibBaseError as refusal:
    show('another secret', 'code 401' in str(refusal) and 'Invalid signature' in str(refusal), True)
else:
    raise AssertionError('another secret was accepted')
