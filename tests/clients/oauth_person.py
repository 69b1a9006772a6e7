"""A person in a browser: logs in, decides about what a client asks for, and says where she was sent.

As a program it is given the address, allows, and prints where she was sent.
"""

import html
import os
import re
import sys
from urllib.parse import urljoin

import requests


class Person:
    def __init__(self, base_url, username='alice', password='pw'):
        self.base_url = base_url
        self.browser = requests.Session()
        self.credentials = {'username': username, 'password': password}

    def allow(self, url):
        return self.decide(url, 'allow')

    def decide(self, url, decision):
        answer = self.answer(url, decision)
        assert answer.status_code == 302, (answer.status_code, answer.text)
        return answer.headers['Location']

    def answer(self, url, decision):
        page = self.browser.get(url)
        if '/login/' in page.url:
            page = self._submit(page, self.credentials)
        return self._submit(page, {'decision': decision}, follow=False)

    def _submit(self, page, fields, follow=True):
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
        form = {html.unescape(name): html.unescape(value) for name, value in hidden}
        form.update(fields)
        return self.browser.post(urljoin(self.base_url, page.url), data=form, allow_redirects=follow)


if __name__ == '__main__':
    print(Person(os.environ['BASE_URL']).allow(sys.argv[1]))
