import project from './6-viewsets-and-routers/project.ts';
import { describeNotes } from './linked-notes.ts';

describeNotes(project);
