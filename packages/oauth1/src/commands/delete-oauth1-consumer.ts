import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { findConsumer } from '../consumers.ts';

/** `rf delete-oauth1-consumer KEY` */
export const deleteOAuth1Consumer = defineCommand({
  name: 'delete-oauth1-consumer',
  help: 'Delete an OAuth 1.0a consumer with all of its tokens.',
  arguments: [{ name: 'key', help: 'which consumer' }],
  async run({ args, site, stdout }) {
    const manager = db(await site());
    const consumer = await findConsumer(manager, args.key);
    if (consumer === null) throw new CommandError(`there is no consumer with the key ${args.key}`);
    const { name } = consumer;
    await manager.remove(consumer);
    stdout(`Deleted ${name}.`);
  },
});
