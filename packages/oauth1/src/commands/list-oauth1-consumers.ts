import { db } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { OAuth1Consumer } from '../consumer.ts';

/** `rf list-oauth1-consumers` */
export const listOAuth1Consumers = defineCommand({
  name: 'list-oauth1-consumers',
  help: 'List the OAuth 1.0a consumers: key, name, status, signature methods.',
  async run({ site, stdout }) {
    const consumers = await db(await site()).find(OAuth1Consumer, { order: { name: 'ASC', id: 'ASC' } });
    for (const { key, name, status, allowedMethods } of consumers) {
      stdout([key, name, status, allowedMethods.join(',')].join('\t'));
    }
  },
});
