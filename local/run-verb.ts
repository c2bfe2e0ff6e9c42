import { CommanderError } from 'commander';
import { Refused, Unreachable } from './client/api-client.ts';
import { NoCluster } from './client/kubeconfig-files.ts';
import { Interrupted, type Terminal } from './terminal.ts';

/** What a verb ends with: 1, it was refused, or is not as it should be; 2, it was used wrongly; 3, no cluster could be reached; 130, the user ended it (128 + SIGINT, as shells have it). */
export const EXIT = { failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** What was asked for makes no sense: nothing was done. Its message says what is wanted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs what the command line says, and tells what goes wrong in a line. Resolves to the exit code. */
export async function exitCodeOf(run: () => Promise<unknown>, terminal: Terminal): Promise<number> {
  try {
    await run();
    return terminal.exitCode;
  } catch (error) {
    // It has said so itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    terminal.err(`logplane: ${messageOf(error)}\n`);
    return codeOf(error);
  }
}

function codeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Interrupted) return EXIT.interrupted;
  return error instanceof Unreachable || error instanceof NoCluster ? EXIT.unreachable : EXIT.failed;
}

/** What went wrong, and what to do about it, in a line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Refused)) return error instanceof Error ? error.message : String(error);
  const { message } = error;
  if (error.status.code === 401) return `${message}: the credentials are not good there (any more): take the kubeconfig of the cluster again`;
  return message;
}
