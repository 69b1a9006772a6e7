import { type App, CommandError, type Project } from '@rf/project';

/** The app with that label. Throws CommandError with the labels that there are. */
export function appNamed(project: Project, label: string): App {
  const app = project.app(label);
  if (app !== undefined) return app;
  const labels = project.apps.map((each) => each.label).join(', ') || 'none';
  throw new CommandError(`The project has no app ${label}. It has: ${labels}.`);
}
