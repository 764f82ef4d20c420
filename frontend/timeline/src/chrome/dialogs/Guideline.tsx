import { say } from "../../words";
import { useEditor } from "../context";
import { Modal } from "./Modal";

export function Guideline() {
  const { project } = useEditor().session.payload;
  return (
    <Modal title={say("Guideline: {project}", { project: project.name })} className="tl-guideline">
      <p>{project.guideline}</p>
    </Modal>
  );
}
