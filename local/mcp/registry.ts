import type { Tool } from './tool.ts';
import { apply } from './tools/apply.ts';
import { blame } from './tools/blame.ts';
import { change } from './tools/change.ts';
import { changes } from './tools/changes.ts';
import { diff } from './tools/diff.ts';
import { fork } from './tools/fork.ts';
import { forks } from './tools/forks.ts';
import { get } from './tools/get.ts';
import { history } from './tools/history.ts';
import { list } from './tools/list.ts';
import { plan } from './tools/plan.ts';
import { removeFork } from './tools/remove-fork.ts';
import { restore } from './tools/restore.ts';
import { undo } from './tools/undo.ts';
import { why } from './tools/why.ts';

/** In the order in which agents are told of them: what looks first. */
export const tools: readonly Tool[] = [list, get, why, changes, change, history, blame, diff, plan, forks, fork, removeFork, apply, undo, restore];
