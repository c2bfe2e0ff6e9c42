interface FullNameProps {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `shop/web`, of which the name is what is read. */
export const FullName = ({ namespace, name }: FullNameProps) => (
  <>
    {namespace && <span class="namespace">{namespace}/</span>}
    {name}
  </>
);
