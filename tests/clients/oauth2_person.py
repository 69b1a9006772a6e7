"""A person in a browser: logs in, allows what a client asks for, and says where she was sent."""

import html
import re
from urllib.parse import urljoin

import requests


class Person:
    def __init__(self, base_url, username='alice', password='pw'):
        self.base_url = base_url
        self.browser = requests.Session()
        self.credentials = {'username': username, 'password': password}

    def allow(self, url):
        page = self.browser.get(url)
        if '/login/' in page.url:
            page = self._submit(page, self.credentials)
        answer = self._submit(page, {'decision': 'allow'}, follow=False)
        assert answer.status_code == 302, (answer.status_code, answer.text)
        return answer.headers['Location']

    def _submit(self, page, fields, follow=True):
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
        form = {html.unescape(name): html.unescape(value) for name, value in hidden}
        form.update(fields)
        return self.browser.post(urljoin(self.base_url, page.url), data=form, allow_redirects=follow)
