import { Component, useEffect, useState, type ReactNode } from 'react';
import * as texts from '../texts/en.js';
import { Button } from './button.js';
import { isMissingFile, isTyped, reloadPage } from './reload.js';
import { Empty } from './states.js';

/**
 * Instead of what a missing file would show. A browser asks for a file only once, so trying again loads the whole page: by itself if
 * nothing is typed in it, else on demand.
 */
export function MissingFile() {
  const [typed] = useState(isTyped);
  const [busy, setBusy] = useState(!typed);
  const [failed, setFailed] = useState(false);
  const again = async () => {
    setBusy(true);
    if (await reloadPage(true)) return;
    setBusy(false);
    setFailed(true);
  };
  useEffect(() => {
    if (!typed) void reloadPage(false).then((isLoading) => setBusy(isLoading));
  }, [typed]);
  const { missing: words } = texts.kit;
  return (
    <div role="alert">
      <Empty
        icon="warning"
        title={words.title}
        action={
          <Button busy={busy} onClick={() => void again()}>
            {texts.kit.retry}
          </Button>
        }
      >
        <p>{failed ? words.away : words.text}</p>
        {typed && <p>{words.typed}</p>}
      </Empty>
    </div>
  );
}

/** Around what is loaded later than its page: if its file is missing, the page around it stays. */
export class LoadedLater extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    // Another fault is the page's.
    if (!isMissingFile(error)) throw error;
    return <MissingFile />;
  }
}
