import { type ReactNode, useId } from 'react';

type PanelProps = { readonly title: ReactNode; readonly className?: string; readonly children: ReactNode };

/** A box with a heading that names it. */
export function Panel({ title, className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

type FactProps = {
  readonly name: ReactNode;
  /** Under which tests and styles find it. */
  readonly slot: string;
  readonly title?: string | undefined;
  readonly live?: boolean;
  readonly children: ReactNode;
};

/** A row of a list of facts: its name, and what it is now. */
export function Fact({ name, slot, title, live = false, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-slot={slot} title={title} role={live ? 'status' : undefined}>
        {children}
      </dd>
    </div>
  );
}
