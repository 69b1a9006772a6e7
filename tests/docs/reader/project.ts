// The project that pages of the documentation import from the reader's own.
import { auth } from '@rf/auth';
import { authtoken } from '@rf/authtoken';
import { defineProject } from '@rf/project';
import { bookshop } from './bookshop/app.ts';
import { urls } from './urls.ts';

export default defineProject({ apps: [auth(), authtoken(), bookshop], database: 'pglite://memory', urls });
