import path from 'node:path';
import { defineCommand, UsageError } from '@rf/project';
import { renderTemplate } from '../render-template.ts';

/** `rf startapp` */
export const startapp = defineCommand({
  name: 'startapp',
  help: 'Make the folder of a new app: an entity, a view, URLs.',
  isStandalone: true,
  arguments: [
    { name: 'name', help: 'label of the app, such as notes' },
    { name: 'directory', help: 'where to make it; a folder of that name unless given', optional: true },
  ],
  run({ args, stdout }) {
    const { name } = args;
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new UsageError(`${name} cannot name an app: use lower-case letters, digits and "_", a letter first.`);
    }
    const target = path.resolve(args.directory ?? name);
    const singular = name.length > 2 ? name.replace(/s$/, '') : name;
    const Entity = singular.replaceAll(/(?:^|_)([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
    const entity = singular.replaceAll('_', '-');
    renderTemplate('app', target, { name, Entity, entity, table: singular });

    const folder = `./${path.relative(process.cwd(), target)}`;
    for (const line of [
      `Made ${path.relative(process.cwd(), target)}. Now write`,
      `  in project.ts:  import { ${name} } from '${folder}/app.ts';     and put ${name} into apps`,
      `  in urls.ts:     import { ${name}Urls } from '${folder}/urls.ts';  and put include('/${name}/', ${name}Urls) into urls`,
      'and run',
      '  npx rf makemigrations',
      '  npx rf migrate',
    ]) {
      stdout(line);
    }
  },
});
