import { Component, type ReactNode } from 'react';
import { Button } from '../kit/button.js';
import { MissingFile } from '../kit/missing-file.js';
import { isMissingFile } from '../kit/reload.js';
import { Empty } from '../kit/states.js';
import * as texts from '../texts/en.js';

/** A page that can't be shown says so. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    if (isMissingFile(error)) return <MissingFile />;
    const { failed } = texts.shell;
    return (
      <div role="alert">
        <Empty icon="warning" title={failed.title} action={<Button onClick={() => location.reload()}>{failed.action}</Button>}>
          <p>{failed.text}</p>
          <code>{error.message}</code>
        </Empty>
      </div>
    );
  }
}
