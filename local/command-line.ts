import { Command } from 'commander';
import { addApply } from './commands/apply.ts';
import { addBlame } from './commands/blame.ts';
import { addClusters, addFork } from './commands/clusters.ts';
import { addCompletion } from './commands/completion.ts';
import { addCredential } from './commands/credential.ts';
import { addExport } from './commands/export.ts';
import { addHistory } from './commands/history.ts';
import { addImport } from './commands/import.ts';
import { addKubeconfig } from './commands/kubeconfig.ts';
import { addMcp } from './commands/mcp.ts';
import { addNodesVerb } from './commands/nodes.ts';
import { addPlan } from './commands/plan.ts';
import { addTest } from './commands/test.ts';
import { addUi } from './commands/ui.ts';
import { addUndo } from './commands/undo.ts';
import { addUp } from './commands/up.ts';
import type { Verb } from './commands/verb.ts';
import { addWhy } from './commands/why.ts';
import { versionOf } from './installed.ts';
import { exitCodeOf } from './run-verb.ts';
import { styled, type Terminal } from './terminal.ts';

/** In the order in which the help lists them. */
const verbs: readonly Verb[] = [
  addUp,
  addTest,
  addWhy,
  addHistory,
  addBlame,
  addPlan,
  addUi,
  addExport,
  addApply,
  addImport,
  addUndo,
  addNodesVerb,
  addClusters,
  addFork,
  addKubeconfig,
  addMcp,
  addCompletion,
  addCredential,
];

/** The command line of Logplane: `logplane`, and the same as `kubectl logplane`. */
export function commandLine(terminal: Terminal): Command {
  const program = new Command(terminal.isPlugin ? 'kubectl logplane' : 'logplane')
    .description('A Kubernetes control plane with no servers: the cluster is a log.')
    .version(versionOf())
    .showHelpAfterError('(--help lists the options)')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => terminal.columns ?? HELP_WIDTH,
      getOutHasColors: () => terminal.colours,
      getErrHasColors: () => terminal.colours,
    })
    .configureHelp({
      styleTitle: (text) => styled(terminal, 'bold', text),
      styleSubcommandTerm: (text) => styled(terminal, 'cyan', text),
      styleOptionTerm: (text) => styled(terminal, 'cyan', text),
    });
  for (const add of verbs) add(program, terminal);
  summarize(program);
  return program;
}

/** In the list of verbs each has the beginning of what its own help says. */
function summarize(program: Command): void {
  for (const command of program.commands) {
    command.summary(command.description().split(/(?<=[a-z)])[.:](?: |$)/)[0]!);
    summarize(command);
  }
}

const HELP_WIDTH = 100;

/** Runs a command line. Resolves to the exit code: 0; 1, refused or not as it should be; 2, used wrongly; 3, no cluster could be reached. */
export const runCommandLine = (args: readonly string[], terminal: Terminal): Promise<number> =>
  exitCodeOf(() => commandLine(terminal).parseAsync(args, { from: 'user' }), terminal);
