// Opens files with Netron, in Node.js, without its window, and prints what it
// found as JSON, by the files' endings:
// node open_with_netron.mjs NETRON_FOLDER FILE...
import * as fs from 'fs';
import * as path from 'path';
import * as url from 'url';

const [folder, ...files] = process.argv.slice(2);
const load = (name) =>
    import(url.pathToFileURL(path.join(folder, name)).href);
const base = await load('base.js');
const view = await load('view.js');

// What Netron asks of the program around it.
const host = {
    environment: () => null,
    event: () => {},
    screen: () => {},
    require: (id) => load(`${id.replace(/^\.\//, '')}.js`),
};

class Context {
    constructor(file) {
        this.identifier = path.basename(file);
        this.stream = new base.BinaryStream(fs.readFileSync(file));
        this.folder = path.dirname(file);
    }
    async fetch(name) {
        return new base.BinaryStream(
            fs.readFileSync(path.join(this.folder, name)));
    }
    async asset(name) {
        return fs.readFileSync(path.join(folder, name), 'utf-8');
    }
    require(id) { return host.require(id); }
    error(error) { throw error; }
}

const found = {};
for (const file of files) {
    const service = new view.ModelFactoryService(host);
    const model = await service.open(new Context(file));
    const graph = model.modules[0];
    found[path.extname(file)] = {
        format: model.format,
        nodes: graph.nodes.map((node) => [node.type.name, node.name]),
        tensors: graph.nodes.flatMap((node) => node.inputs)
            .flatMap((argument) => argument.value)
            .filter((value) => value.initializer)
            .map((value) => [value.initializer.name, `${value.type}`]),
    };
}
console.log(JSON.stringify(found, null, 1));
process.exit(0);
