"""torchvision's DenseNet-121 with the classification head of @multichexnet/head-cls."""

from collections import OrderedDict

import torch
import torchvision
from measure import CLASSES, DROPOUT, HIDDEN


def create_model():
    model = torchvision.models.densenet121(weights=None)
    model.classifier = torch.nn.Sequential(
        OrderedDict(
            drop_pool=torch.nn.Dropout(DROPOUT),
            features=torch.nn.Linear(1024, HIDDEN),
            relu=torch.nn.ReLU(),
            drop_features=torch.nn.Dropout(DROPOUT),
            decision=torch.nn.Linear(HIDDEN, CLASSES),
        )
    )
    return model
