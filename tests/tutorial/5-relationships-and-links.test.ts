import project from './5-relationships-and-links/project.ts';
import { describeNotes } from './linked-notes.ts';

describeNotes(project);
