import { defineApp } from '@rf/project';
import { Member } from './member.ts';
import { Members0001Initial } from './migrations/0001-initial.ts';

export const members = defineApp({ label: 'members', entities: [Member], migrations: [Members0001Initial] });
