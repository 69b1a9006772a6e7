"""The Python lines of docs/how-to/oauth1.md as they stand there, with a consumer and an address of this run."""

import os
import re

from oauth_person import Person

BASE = os.environ['BASE_URL']
PAGE = os.path.join(os.path.dirname(__file__), '../../docs/how-to/oauth1.md')
WRITTEN = {
    'http://127.0.0.1:8000': BASE,
    '6Jc…': os.environ['WEB_KEY'],
    'o1s_…': os.environ['WEB_SECRET'],
    'https://printer.example/ready': os.environ['CALLBACK'],
}

with open(PAGE, encoding='utf-8') as page:
    [lines] = re.findall(r'^```python\n(.*?)^```$', page.read(), re.DOTALL | re.MULTILINE)
for text, meant in WRITTEN.items():
    assert text in lines, f'{text} does not stand on the page'
    lines = lines.replace(text, meant)

printed = []
exec(lines, {'print': printed.append, 'input': lambda _question: Person(BASE).allow(printed[-1])})
address, notes = printed
assert address.startswith(BASE + '/oauth1/authorize/?oauth_token=o1t_'), address
assert notes['user'] == 'alice', notes
print(f'it printed an address, and {notes!r}')
