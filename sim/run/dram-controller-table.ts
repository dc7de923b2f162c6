/** What may be set of the DRAM controller, in words; the table and its checks belong to the controller. */
import { type ControllerChoices, dramControllerTable } from "../../hw-models/dram/controller-parameters.js";
import { describeParameters, type ParameterField } from "../ir/import/describe-parameters.js";

/** Every parameter, with the default that it has on a device with certain needs. */
export function describeController(needs: Partial<ControllerChoices> = {}): ParameterField[] {
  return describeParameters(dramControllerTable).map((field) => {
    const needed = needs[field.name as keyof ControllerChoices];
    return { ...field, byDefault: needed ?? field.byDefault ?? "never" };
  });
}
