// Shown instead of an empty page if a part of the Studio throws.

import { Component, type ReactElement, type ReactNode } from "react";

import { Button } from "../design/controls";
import { words } from "../words";

export class Broken extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null as string | null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return <Message text={this.state.message} />;
  }
}

function Message({ text }: { text: string }): ReactElement {
  return (
    <main className="app-wait" role="alert">
      <p>{words.app.failed}</p>
      <p className="mono">{text}</p>
      <Button look="primary" onClick={() => location.reload()}>
        {words.app.reload}
      </Button>
    </main>
  );
}
