// What an empty flow offers: an action, a template, or something to import.

import { FlaskConical, Search, Upload } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useRef, type DragEvent, type ReactElement } from "react";

import { useComponent, type Component } from "../api/component";
import { connectionsQuery } from "../api/queries";
import { useView } from "../app/view";
import { ActionIcon } from "../design/ActionIcon";
import { Button } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { add } from "./commands";
import "./EmptyCanvas.css";
import { draggedKind, endDrag, groupsOf } from "./palette";
import { flowOf, TEMPLATES, type Template } from "./templates";
import { fitWhenDrawn, useCanvas } from "./ui";

const say = words.canvas.empty;
const OFFERED = 4;

export function EmptyCanvas(): ReactElement {
  const { data: component } = useComponent();
  const first = component ? groupsOf(component).filter((group) => !group.isFolded).flatMap((group) => group.actions[0] ?? []) : [];
  return (
    <div className="empty" onDragOver={(event) => event.preventDefault()} onDrop={dropOnEmpty}>
      <div className="empty-inner">
        <h2>{say.title}</h2>
        <p>
          {say.text}{" "}
          <span className="canvas-pill">
            <b>ask_1</b>
            <span>.title</span>
          </span>
        </p>
        <button type="button" className="empty-search" onClick={() => useCanvas.setState({ menu: { mode: "add" } })}>
          <Search aria-hidden />
          <span>{say.search}</span>
          <kbd className="canvas-kbd">/</kbd>
        </button>
        <div className="empty-actions">
          {first.slice(0, OFFERED).map((action) => (
            <button key={action.name} type="button" className="empty-action" onClick={() => add(action)}>
              <ActionIcon of={action} size="small" />
              {action.title}
            </button>
          ))}
        </div>
        <h3>{say.templates}</h3>
        <div className="empty-templates">
          {TEMPLATES.map((template) => (
            <TemplateCard key={template.label} template={template} component={component} />
          ))}
        </div>
        <DropZone />
      </div>
      <SandboxNotice />
    </div>
  );
}

function TemplateCard({ template, component }: { template: Template; component: Component | undefined }): ReactElement {
  const open = async (): Promise<void> => {
    try {
      const flow = await flowOf(template);
      useFlow.getState().edit(words.canvas.edits.template, () => flow);
      fitWhenDrawn();
    } catch {
      useView.getState().say(say.failed);
    }
  };
  return (
    <button type="button" className="empty-template" onClick={() => void open()}>
      <span className="empty-icons" aria-hidden>
        {template.types.map((type, index) => (
          <Fragment key={index}>
            {index > 0 && <i />}
            <ActionIcon of={component?.actions.find((action) => action.type === type) ?? type.split("/")[0] ?? ""} />
          </Fragment>
        ))}
      </span>
      <b>{template.label}</b>
      <span>{template.description}</span>
    </button>
  );
}

/** An action that is dropped anywhere on the empty canvas is the first step. */
function dropOnEmpty(event: DragEvent): void {
  const kind = draggedKind();
  if (kind === undefined) return;
  event.preventDefault();
  endDrag();
  add(kind, { source: null });
}

function DropZone(): ReactElement {
  const file = useRef<HTMLInputElement>(null);
  const read = (chosen: File | undefined): void =>
    void chosen?.text().then((text) => useView.getState().openDialog("import", text));
  return (
    <div
      className="empty-drop"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        read(event.dataTransfer.files[0]);
      }}
    >
      <Upload aria-hidden />
      <span>
        <b>{say.drop}</b> {say.dropRest}
      </span>
      <input ref={file} type="file" className="sr-only" tabIndex={-1} aria-label={say.openFile} onChange={(event) => read(event.target.files?.[0])} />
      <Button isSmall onClick={() => file.current?.click()}>
        {say.openFile}
      </Button>
    </div>
  );
}

function SandboxNotice(): ReactElement | null {
  const { data: connections } = useQuery(connectionsQuery);
  const current = connections?.find((one) => one.default) ?? connections?.[0];
  if (current?.name !== "sandbox") return null;
  return (
    <div className="empty-sandbox">
      <FlaskConical aria-hidden />
      <span>
        <b>{words.canvas.sandbox.title}</b> {words.canvas.sandbox.text}
      </span>
      <Button isSmall onClick={() => useView.getState().openDialog("wizard")}>
        {words.canvas.sandbox.connect}
      </Button>
    </div>
  );
}
