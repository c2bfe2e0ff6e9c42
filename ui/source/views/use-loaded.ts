import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { problem } from '../model/cluster.ts';
import type { View } from './registry.ts';

const loaded = new Map<string, ComponentType>();

/** The component of a view, once it is there. */
export function useLoaded(view: View): ComponentType | undefined {
  const [, again] = useState(0);
  useEffect(() => {
    if (loaded.has(view.name)) return;
    view.load().then(
      (component) => {
        loaded.set(view.name, component);
        again((count) => count + 1);
      },
      (error: Error) => {
        problem.value = `this view cannot be loaded: ${error.message}`;
      },
    );
  }, [view]);
  return loaded.get(view.name);
}
