import type { Command, Option } from 'commander';
import type { ApiClient } from './client/api-client.ts';
import { discover, nameOfObject, pathOf } from './client/resources.ts';
import { listClusters } from './clusters.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** What a shell reads to complete the command line: it asks the program itself, which knows its verbs, and the cluster its objects. */
export const completionScript = (shell: Shell): string => scripts[shell];

const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for logplane: source <(logplane completion bash)
_logplane() {
  local IFS=$'\\n'
  COMPREPLY=($(logplane __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -o default -F _logplane logplane
`,
  zsh: `#compdef logplane
# zsh completion for logplane: source <(logplane completion zsh)
_logplane() {
  local -a found
  found=(\${(f)"$(logplane __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then
    # Of a kind, its objects come next.
    local -a kinds=(\${(M)found:#*/}) whole=(\${found:#*/})
    (( $#kinds )) && compadd -S '' -a kinds
    (( $#whole )) && compadd -a whole
  else
    compset -P '--*='
    _files
  fi
}
compdef _logplane logplane
`,
  fish: `# fish completion for logplane: logplane completion fish | source
function __logplane_complete
  set -l words (commandline -opc)
  set -l found (logplane __complete -- $words[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c logplane -f -a '(__logplane_complete)'
`,
};

/**
 * What kubectl reads of `kubectl_complete-PLUGIN` (kubectl's pkg/cmd/plugin/plugin_completion.go): candidates, a line each, and what a shell is to do besides (cobra's ShellCompDirective): 4, not to look for files; 2,
 * to add no space.
 */
export function forKubectl(found: readonly string[]): string {
  const directive = found.length === 0 ? 0 : 4 + (found.length === 1 && found[0]!.endsWith('/') ? 2 : 0);
  return [...found, `:${directive}`].map((line) => `${line}\n`).join('');
}

/** Where a cluster's own names are had; undefined: there is none, or it does not answer. */
type Ask = () => Promise<ApiClient | undefined>;

/** What may stand in the place of the last word, and begins as that does. Where a file is wanted, there is nothing: shells know files. */
export async function candidates(program: Command, words: readonly string[], ask: Ask): Promise<readonly string[]> {
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(words.at(-1) ?? '') ?? [];
  if (name !== undefined) return (await candidates(program, [...words.slice(0, -1), name, value!], ask)).map((each) => `${name}=${each}`);
  // Bash takes `--option=value` apart.
  const current = words.at(-1) === '=' ? '' : (words.at(-1) ?? '');
  let command = program;
  let option: Option | undefined;
  let given = 0;
  for (const word of words.slice(0, -1)) {
    if (option) {
      if (word !== '=') option = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const found = command.options.find(({ long, short }) => word === long || word === short);
      option = found && takesValue(found) ? found : undefined;
      continue;
    }
    const next = command.commands.find((each) => each.name() === word);
    if (next && given === 0) command = next;
    else given++;
  }
  const all = option ? await valuesOf(option, ask) : current.startsWith('-') ? optionsOf(command) : await wordsOf(command, given, current, ask);
  return all.filter((word) => word.startsWith(current)).sort();
}

const takesValue = (option: Option): boolean => option.required || option.optional;

const optionsOf = (command: Command): string[] =>
  ['--help', ...command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '')].filter((long) => long !== '');

async function valuesOf({ argChoices, long }: Option, ask: Ask): Promise<readonly string[]> {
  if (argChoices) return argChoices;
  if (long === '--cluster' || long === '--of') return clusterNames(ask);
  return [];
}

async function wordsOf(command: Command, given: number, current: string, ask: Ask): Promise<readonly string[]> {
  const verbs = command.commands.filter((each) => !hidden(each)).map((each) => each.name());
  if (verbs.length > 0 && given === 0) return verbs;
  const argument = command.registeredArguments[given];
  if (argument?.argChoices) return argument.argChoices;
  if (argument?.name() === 'kind/name') return objectNames(current, ask);
  const isOfClusters = command.parent?.name() === 'clusters' && command.name() === 'delete';
  return isOfClusters || argument?.name() === 'cluster' ? clusterNames(ask) : [];
}

const hidden = (command: Command): boolean => (command as Command & { _hidden?: boolean })._hidden === true;

async function clusterNames(ask: Ask): Promise<readonly string[]> {
  const client = await ask();
  return client ? (await listClusters(client)).map(({ metadata }) => metadata.name) : [];
}

/** Kinds first, with a slash; then the objects of one. */
async function objectNames(current: string, ask: Ask): Promise<readonly string[]> {
  const client = await ask();
  if (!client) return [];
  const resources = await discover(client);
  const [kind, name] = current.split('/');
  if (name === undefined) return resources.preferred.filter(({ verbs }) => verbs.includes('get')).map((resource) => nameOfObject(resource, ''));
  const resource = resources.named(kind!);
  const path = pathOf(resource, resource.namespaced ? (client.namespace ?? 'default') : undefined);
  const { items } = await client.get<{ items: { metadata: { name: string } }[] }>(`${path}?limit=${MOST}`, { accept: METADATA });
  return items.map(({ metadata }) => `${kind}/${metadata.name}`);
}

const MOST = 500;
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
