from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables


class Tree(tf.Module):
    """Variables in a module, a list and a module of a list."""

    def __init__(self, leaf: bool = False) -> None:
        super().__init__()
        self.weight = tf.Variable(1.0)
        if not leaf:
            self.layers = [Tree(leaf=True), Tree(leaf=True)]
            self.moments = [tf.Variable(2.0)]
            self.absent = None


def test_names_are_the_attributes_that_lead_to_a_variable() -> None:
    tree = Tree()
    named = named_variables(tree)
    assert set(named) == {"weight", "layers/0/weight", "layers/1/weight", "moments/0"}
    assert named["layers/1/weight"] is tree.layers[1].weight
    assert len(named) == len(tree.variables)
