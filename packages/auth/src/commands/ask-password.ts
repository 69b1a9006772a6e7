import { APIException } from '@rf/exceptions';
import { CommandError, type Terminal } from '@rf/project';

interface PasswordQuestion {
  /** Throws APIException with what is wrong with a password. */
  validate(password: string): void;
  /** Offers to take a password in spite of that. */
  readonly mayBypass?: boolean;
}

/** Who fails as often is not going to succeed, or is a script. */
const MAX_TRIES = 3;

/** Asks twice for a new password until it is good. Throws CommandError after three tries. */
export async function askPassword(
  terminal: Terminal,
  { validate, mayBypass = false }: PasswordQuestion,
): Promise<string> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const password = await terminal.prompt('Password: ', { hidden: true });
    const again = await terminal.prompt('Password (again): ', { hidden: true });
    const faults = password === again ? faultsOf(password, validate) : null;
    if (faults === null) {
      terminal.stderr("Error: Your passwords didn't match.");
      continue;
    }
    if (faults.length === 0) return password;
    for (const fault of faults) terminal.stderr(fault);
    if (mayBypass && password !== '' && (await isAccepted(terminal))) return password;
  }
  throw new CommandError(`Aborting after ${MAX_TRIES} attempts.`);
}

function faultsOf(password: string, validate: (password: string) => void): string[] {
  if (password === '') return ["Error: Blank passwords aren't allowed."];
  try {
    validate(password);
    return [];
  } catch (error) {
    if (!(error instanceof APIException)) throw error;
    return [error.detail].flat().map(String);
  }
}

async function isAccepted(terminal: Terminal): Promise<boolean> {
  const answer = await terminal.prompt('Bypass password validation and create user anyway? [y/N]: ');
  return answer.trim().toLowerCase() === 'y';
}
