import { say } from "../../words";
import { useEditor } from "../context";
import { Modal } from "./Modal";

export function Guideline() {
  const { project } = useEditor().session.payload;
  return (
    <Modal title={say("Guideline: {project}", { project: project.name })} className="tl-guideline">
      {project.guideline_html ? (
        <div
          className="tl-guideline__text"
          // biome-ignore lint/security/noDangerouslySetInnerHtml: the server made it by an allow-list
          dangerouslySetInnerHTML={{ __html: project.guideline_html }}
        />
      ) : (
        <p>{project.guideline}</p>
      )}
    </Modal>
  );
}
