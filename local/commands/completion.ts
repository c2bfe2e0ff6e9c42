import { Argument } from 'commander';
import type { ClusterChoice } from '../client/connect.ts';
import { clientOf, examples, GROUPS, type Verb } from './verb.ts';

/** `logplane completion`, and what its scripts ask. */
export const addCompletion: Verb = (program, terminal) => {
  const command = program
    .command('completion')
    .helpGroup(GROUPS.tools)
    .description('Print what a shell reads to complete verbs, options, and the objects of the cluster.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('../completion.ts');
      terminal.out(completionScript(shell));
    });
  examples(command, [
    ['completion bash > ~/.local/share/bash-completion/completions/logplane', 'for good'],
    ['completion fish | source', 'for this session'],
  ]);
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .option('--for-kubectl', 'as kubectl reads it')
    .action(async (words: string[], { forKubectl: isForKubectl = false }) => {
      const { candidates, forKubectl } = await import('../completion.ts');
      // What goes wrong is not for the line that is being typed.
      const ask = () => clientOf(chosenIn(words), terminal).catch(() => undefined);
      const found = await candidates(program, words, ask).catch(() => []);
      terminal.out(isForKubectl ? forKubectl(found) : found.map((word) => `${word}\n`).join(''));
    });
};

const FLAGS: Readonly<Record<string, keyof ClusterChoice>> = {
  '-n': 'namespace',
  '--namespace': 'namespace',
  '--cluster': 'cluster',
  '--context': 'context',
  '-k': 'kubeconfig',
  '--kubeconfig': 'kubeconfig',
};

/** Of which cluster the line so far is. */
function chosenIn(words: readonly string[]): ClusterChoice {
  const before = words.slice(0, -1);
  return Object.fromEntries(before.flatMap((word, i) => (FLAGS[word] && before[i + 1] !== undefined ? [[FLAGS[word], before[i + 1]]] : [])));
}
