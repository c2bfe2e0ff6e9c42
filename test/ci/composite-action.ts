import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

export interface CompositeAction {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly steps: readonly (Step & { readonly uses?: string })[] };
}

export const readAction = (file: string): CompositeAction => parse(readFileSync(file, 'utf8')) as CompositeAction;

/**
 * Runs the steps of a composite action one after the other, as a runner does: each a script of bash with `-e`, whose environment has what its expressions stand for, until one fails. It knows `inputs.NAME`,
 * `steps.ID.outputs.NAME` and `github.token`; any other expression throws.
 */
export async function runAction(
  file: string,
  { inputs, env, dir }: { readonly inputs: Readonly<Record<string, string>>; readonly env: NodeJS.ProcessEnv; readonly dir: string },
): Promise<{ readonly code: number; readonly log: string; readonly outputs: Readonly<Record<string, string>> }> {
  const action = readAction(file);
  const known = new Map<string, string>([['github.token', 'token-of-the-run']]);
  const filled = (text: string) =>
    text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
      const value = known.get(expression) ?? (/^steps\./.test(expression) ? '' : undefined);
      if (value === undefined) throw new Error(`the expression ${expression} is not known`);
      return value;
    });
  for (const [name, { default: value = '' }] of Object.entries(action.inputs)) known.set(`inputs.${name}`, inputs[name] ?? filled(value));
  const temp = path.join(dir, 'temp');
  mkdirSync(temp, { recursive: true });
  let log = '';
  let code = 0;
  for (const step of action.runs.steps) {
    const given = mkdtempSync(path.join(temp, 'step-'));
    const output = path.join(given, 'output');
    writeFileSync(output, '');
    const stepEnv = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(String(value))]));
    const whole = {
      ...env,
      RUNNER_TEMP: temp,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: path.join(dir, 'summary'),
      GITHUB_ACTION_PATH: path.dirname(file),
      ...stepEnv,
    };
    // What GitHub runs for `shell: bash`.
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', filled(step.run)];
    code = await new Promise<number>((resolve) => {
      execFile('bash', args, { env: whole, cwd: dir }, (error, stdout, stderr) => {
        log += stdout + stderr;
        resolve(error ? Number(error.code ?? 1) : 0);
      });
    });
    for (const line of readFileSync(output, 'utf8').split('\n').filter(Boolean)) {
      const [name, ...value] = line.split('=');
      if (step.id !== undefined) known.set(`steps.${step.id}.outputs.${name}`, value.join('='));
    }
    if (code !== 0) break;
  }
  const outputs = Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, filled(value)]));
  return { code, log, outputs };
}
