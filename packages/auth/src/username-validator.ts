import { ValidationError } from '@rf/exceptions';

/** True for letters and digits of any script, and @ . + - _ (DJ01). */
export const isUsername = (text: string): boolean => /^[\p{L}\p{N}_.@+-]+$/u.test(text);

/** Throws ValidationError for a user name with other characters, as Django does. */
export function validateUsername(username: string): void {
  if (isUsername(username)) return;
  throw new ValidationError(
    'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
    'invalid',
  );
}
